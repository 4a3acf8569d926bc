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
  type TenantEvent,
  type TenantQuotas,
} from './tenant-events.js';
