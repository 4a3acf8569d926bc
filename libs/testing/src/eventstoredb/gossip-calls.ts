import type { sendUnaryData } from '@grpc/grpc-js';
import gossip from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_pb.js';
import type { ClusterInfo } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_pb.js';
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';

const { LEADER } = gossip.MemberInfo.VNodeState;
const INSTANCE = '5b0f7a5e-0f39-4c2b-9c0b-6c2a7f1e0d11';

/** Tells clients that look for a cluster of one member: this server, which leads. */
export function gossipCalls(host: string, port: () => number) {
  return {
    read: (_call: unknown, answer: sendUnaryData<ClusterInfo>): void => {
      const endpoint = new gossip.EndPoint().setAddress(host).setPort(port());
      const member = new gossip.MemberInfo()
        .setInstanceId(new shared.UUID().setString(INSTANCE))
        .setTimeStamp('0')
        .setState(LEADER)
        .setIsAlive(true)
        .setHttpEndPoint(endpoint);
      const cluster = new gossip.ClusterInfo();
      cluster.addMembers(member);
      answer(null, cluster);
    },
  };
}
