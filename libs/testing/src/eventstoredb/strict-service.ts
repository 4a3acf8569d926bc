import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';

interface Encodable {
  serializeBinary(): Uint8Array;
}

/**
 * The service, which takes no message with fields that its .proto lacks. Decoding skips such fields without a word, so
 * the message is encoded again: what was skipped is missing then.
 */
export function strict<Service extends ServiceDefinition<UntypedServiceImplementation>>(
  service: Service,
): Service {
  const methods = Object.entries(service).map(([name, method]) => {
    const decode = method.requestDeserialize as (bytes: Buffer) => Encodable;
    const requestDeserialize = (bytes: Buffer) => {
      const message = decode(bytes);
      if (message.serializeBinary().length === bytes.length) return message;
      throw new Error(`${method.path} has a field that the protocol lacks`);
    };
    return [name, { ...method, requestDeserialize }];
  });
  return Object.fromEntries(methods) as Service;
}
