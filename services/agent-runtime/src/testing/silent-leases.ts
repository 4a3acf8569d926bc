import {
  WORKER_LEASES,
  WorldError,
  type BucketOptions,
  type StateStore,
  type StateStores,
} from '@skynet/platform';

/** Buckets in which the lease of a worker is renewed only while it shall be. */
export function statesThatRenew(
  states: StateStores,
  renews: () => boolean = () => true,
): StateStores {
  return {
    async open<Value>(bucket: string, options?: BucketOptions): Promise<StateStore<Value>> {
      const store = await states.open<Value>(bucket, options);
      if (bucket !== WORKER_LEASES) return store;
      const put: StateStore<Value>['put'] = (key, value, expected) =>
        renews()
          ? store.put(key, value, expected)
          : Promise.reject(new WorldError('no connection', 'later'));
      return new Proxy(store, {
        get: (target, name) => (name === 'put' ? put : bound(target, name)),
      });
    },
    close: () => states.close(),
  };
}

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? value.bind(target) : value;
}
