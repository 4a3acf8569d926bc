export {
  listTenantsAnswerSchema,
  listTenantsRequestSchema,
  setQuotasAnswerSchema,
  setQuotasRequestSchema,
  type ListTenantsAnswer,
  type QuotaChanges,
  type SetQuotasAnswer,
  type SetQuotasRequest,
  type TenantView,
} from './tenant-admin.js';
export {
  readTenantEvent,
  storedTenantEvents,
  tenantEventSchemas,
  type TenantEvent,
  type TenantQuotas,
} from './tenant-events.js';
