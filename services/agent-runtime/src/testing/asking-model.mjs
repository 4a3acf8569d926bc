// The stepping model on the server whose calls are in doubt after a crash.
import { appendLines } from './stepping-model.mjs';

export default (request, context) => appendLines('ask__append', request, context);
