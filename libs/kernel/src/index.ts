export type { Brand } from './brand.js';
export { fold, type Decider } from './decider.js';
export { accept, nothingToDo, reject, type Decision } from './decision.js';
export type { Projection } from './projection.js';
export { isRefused, type Refused, type Rejection } from './rejection.js';
export { unreachable } from './unreachable.js';
