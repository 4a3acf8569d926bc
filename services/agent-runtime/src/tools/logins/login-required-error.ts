/** A person has to log in to the server, or once more; the message says how. Nothing was done. */
export class LoginRequiredError extends Error {
  override readonly name = 'LoginRequiredError';

  constructor(server: string, why: string, options?: ErrorOptions) {
    super(`${why}: run "skynet tools login ${server}"`, options);
  }
}

/** A login could not be begun or ended; the message is for the person who logs in. */
export class LoginRefusedError extends Error {
  override readonly name = 'LoginRefusedError';
}
