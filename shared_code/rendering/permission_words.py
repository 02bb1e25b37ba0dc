"""Application permissions of Microsoft Graph in plain words, for the admin who consents to them."""

from collections.abc import Mapping

from shared_code.core.text import Text

PERMISSIONS: Mapping[str, Text] = {
    "Application.Read.All": Text(
        de="Anwendungen und ihre Einstellungen lesen.",
        en="Read applications and their settings.",
    ),
    "AuditLog.Read.All": Text(
        de="Lesen, wann sich Konten zuletzt angemeldet haben und welche Anmeldemethoden sie registriert haben.",
        en="Read when accounts last signed in and which sign-in methods they registered.",
    ),
    "Directory.Read.All": Text(
        de="Stammdaten Ihrer Organisation lesen: Organisation, Domänen, Lizenzen, Gruppen, Konten.",
        en="Read your organisation's directory: organisation, domains, licences, groups, accounts.",
    ),
    "Domain.Read.All": Text(
        de="Ihre Domänen und deren Einstellungen lesen.",
        en="Read your domains and their settings.",
    ),
    "IdentityRiskEvent.Read.All": Text(
        de="Verdächtige Anmeldungen lesen, die Microsoft erkannt hat.",
        en="Read suspicious sign-ins that Microsoft detected.",
    ),
    "IdentityRiskyServicePrincipal.Read.All": Text(
        de="Anwendungen lesen, die Microsoft als gefährdet einstuft.",
        en="Read applications that Microsoft considers at risk.",
    ),
    "IdentityRiskyUser.Read.All": Text(
        de="Konten lesen, die Microsoft als gefährdet einstuft.",
        en="Read accounts that Microsoft considers at risk.",
    ),
    "Organization.Read.All": Text(
        de="Name, Domänen und Lizenzen Ihrer Organisation lesen.",
        en="Read your organisation's name, domains and licences.",
    ),
    "Policy.Read.All": Text(
        de="Sicherheitsrichtlinien lesen, zum Beispiel für bedingten Zugriff.",
        en="Read security policies, such as those for conditional access.",
    ),
    "ReportSettings.Read.All": Text(
        de="Lesen, ob Microsoft in Nutzungsberichten Namen verbirgt.",
        en="Read whether Microsoft conceals names in usage reports.",
    ),
    "Reports.Read.All": Text(
        de="Nutzungsberichte lesen: Aktivität je Dienst und belegter Speicher. Keine Inhalte.",
        en="Read usage reports: activity per service and storage used. No content.",
    ),
    "RoleManagement.Read.Directory": Text(
        de="Lesen, wer welche Administratorrolle hat.",
        en="Read who holds which administrator role.",
    ),
    "SecurityEvents.Read.All": Text(
        de="Den Secure Score und Sicherheitsmeldungen lesen.",
        en="Read the secure score and security alerts.",
    ),
    "ServiceHealth.Read.All": Text(
        de="Störungen der Microsoft-Dienste lesen, die Ihre Organisation betreffen.",
        en="Read incidents of Microsoft's services that concern your organisation.",
    ),
    "ServiceMessage.Read.All": Text(
        de="Ankündigungen im Nachrichtencenter lesen.",
        en="Read announcements in the message centre.",
    ),
    "SharePointTenantSettings.Read.All": Text(
        de="Einstellungen von SharePoint und OneDrive lesen, zum Beispiel für das Teilen.",
        en="Read settings of SharePoint and OneDrive, such as those for sharing.",
    ),
    "User.Read.All": Text(
        de="Konten lesen: Name, Adresse, Art, Zustand, Erstellung. Keine E-Mails, keine Dateien.",
        en="Read accounts: name, address, type, state, creation. No emails, no files.",
    ),
}
