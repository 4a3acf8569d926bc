import { auditActs } from '../audit/index.js';
import { toolCatalogue } from './tool-catalogue.js';

/** Every name that an act in the audit log may have. */
export const auditActNames: ReadonlySet<string> = new Set([
  ...Object.keys(auditActs),
  ...toolCatalogue.map(({ name }) => name),
]);
