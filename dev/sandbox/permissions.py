"""Microsoft Graph's application permissions and their app role ids."""

ROLE_IDS = {
    "ServiceMessage.Read.All": "1b620472-6534-4fe6-9df2-4680e8aa28ec",
    "ServiceHealth.Read.All": "79c261e0-fe76-4144-aad5-bdc68fbe4037",
    "Reports.Read.All": "230c1aed-a721-4c5d-9cb4-a90514e508ef",
    "ReportSettings.Read.All": "ee353f83-55ef-4b78-82da-555bfa2b4b95",
    "IdentityRiskEvent.Read.All": "6e472fd1-ad78-48da-a0f0-97ab2c6b769e",
    "IdentityRiskyUser.Read.All": "dc5007c0-2d7d-4c42-879c-2dab87571379",
    "IdentityRiskyServicePrincipal.Read.All": "607c7344-0eed-41e5-823a-9695ebe1b7b0",
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
    "AuditLog.Read.All": "b0afded3-3588-46d8-8b3d-9842eff778da",
    "RoleManagement.Read.Directory": "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
    "Policy.Read.All": "246dd0d5-5bd0-4def-940b-0421030a5b68",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "SharePointTenantSettings.Read.All": "83d4163d-a2d8-4d3b-9695-4ae3ca98f888",
    "SecurityEvents.Read.All": "bf394140-e372-4bf9-a898-299cfc7564e5",
    "Organization.Read.All": "498476ce-e0fe-48b0-b801-37ba7e2685c6",
    "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
    "Domain.Read.All": "dbb9058a-0e50-45d7-ae91-66909b5d4664",
}
STANDARD_PERMISSIONS = frozenset(list(ROLE_IDS)[:14])
GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
