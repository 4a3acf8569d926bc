import { splitToolName, type AgentSpec, type TenantQuotas } from '@skynet/contracts';
import { refusalOfMeans } from '@skynet/domain-scheduling';
import { isRefused } from '@skynet/kernel';
import type { SpecRequest, SpecResolver } from './spec-resolver.js';

type Resolver = Pick<SpecResolver, 'resolve' | 'modelOf' | 'choicesOf'>;

/** Specifications with nothing in them that their tenant may not use. */
export class AllowedSpecs implements Resolver {
  constructor(
    private readonly specs: Resolver,
    private readonly tenants: { quotasOf(tenant: string): TenantQuotas },
  ) {}

  async resolve(request: SpecRequest): ReturnType<SpecResolver['resolve']> {
    const spec = await this.specs.resolve(request);
    if (isRefused(spec)) return spec;
    const refused = this.refusalOf(request.tenant, spec);
    return refused === undefined ? this.withOwnSummaries(request.tenant, spec) : { refused };
  }

  async modelOf(
    wishes: Parameters<SpecResolver['modelOf']>[0],
    tenant: string,
  ): ReturnType<SpecResolver['modelOf']> {
    const model = await this.specs.modelOf(wishes, tenant);
    if (isRefused(model)) return model;
    const refused = this.refusalOf(tenant, { model, tools: [] });
    return refused === undefined ? model : { refused };
  }

  choicesOf(id: string, tenant: string): readonly string[] {
    return this.specs.choicesOf(id, tenant);
  }

  /** Where the tenant may not use the model that would write its summaries, its own does. */
  private withOwnSummaries(tenant: string, spec: AgentSpec): AgentSpec {
    const { compactionModel, ...rest } = spec;
    if (compactionModel === undefined) return spec;
    const quotas = this.tenants.quotasOf(tenant);
    const refused = refusalOfMeans(quotas, { model: compactionModel.id, servers: [] });
    return refused === undefined ? spec : rest;
  }

  private refusalOf(tenant: string, { model, tools }: Pick<AgentSpec, 'model' | 'tools'>) {
    const servers = tools.map((grant) => splitToolName(grant).server);
    const quotas = this.tenants.quotasOf(tenant);
    const refusals = this.specs
      .choicesOf(model.id, tenant)
      .map((id) => refusalOfMeans(quotas, { model: id, servers }));
    return refusals.includes(undefined) ? undefined : refusals[0];
  }
}
