/** What the person at the keyboard can mend: one sentence of what is wrong, one of what to do. No stack is shown. */
export class Trouble extends Error {
  constructor(sentence, whatToDo, exitCode = 1) {
    super(sentence);
    this.whatToDo = whatToDo;
    this.exitCode = exitCode;
  }
}
