import { ModelError } from '../model.port.js';
import type { MakeModel, Vendor } from './vendor.js';

/** Loads a vendor's package when it is first needed; one that does not load is tried again. */
export function loadedOnce(load: Vendor['load']): Vendor['load'] {
  let loading: Promise<MakeModel> | undefined;
  return () => {
    loading ??= load().catch((cause: unknown) => {
      loading = undefined;
      throw new ModelError(`the package of the provider does not load`, {
        retryable: false,
        cause,
      });
    });
    return loading;
  };
}
