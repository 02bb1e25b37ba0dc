"""What Microsoft's names of risks mean, in plain words."""

from dataclasses import dataclass

from shared_code.core.text import Text


@dataclass(frozen=True, slots=True)
class RiskType:
    """`name` as readers see it; `meaning` one sentence that says what was noticed."""

    name: Text
    meaning: Text


_TRAVEL = RiskType(
    Text(de="Unmögliche Reise", en="Impossible travel"),
    Text(
        de="Dieselbe Person war in kurzer Zeit an zwei Orten aktiv, zwischen denen sie nicht so schnell gereist sein kann.",
        en="The same person was active in two places within a time too short to travel between them.",
    ),
)
_HOSTILE_STATE = RiskType(
    Text(de="Bekannte Angreifer", en="Known attackers"),
    Text(
        de="Die Anmeldung kam von einer Adresse, die Microsoft staatlichen oder kriminellen Gruppen zuordnet.",
        en="The sign-in came from an address that Microsoft attributes to state-backed or criminal groups.",
    ),
)
_THREAT_INTELLIGENCE = RiskType(
    Text(de="Bekanntes Angriffsmuster", en="Known attack pattern"),
    Text(
        de="Das Verhalten gleicht einem Angriff, den Microsoft aus eigenen Untersuchungen kennt.",
        en="The behaviour matches an attack that Microsoft knows from its own investigations.",
    ),
)

# Keys in small letters: Microsoft's own spelling varies.
RISK_TYPES = {
    "unlikelytravel": RiskType(
        Text(de="Ungewöhnliche Reise", en="Atypical travel"),
        Text(
            de="Zwei Anmeldungen kamen von weit entfernten Orten, von denen mindestens einer für die Person unüblich ist.",
            en="Two sign-ins came from places far apart, at least one of them unusual for the person.",
        ),
    ),
    "impossibletravel": _TRAVEL,
    "mcasimpossibletravel": _TRAVEL,
    "newcountry": RiskType(
        Text(de="Neues Land", en="New country"),
        Text(
            de="Die Aktivität kam aus einem Land, in dem bisher kaum jemand aus dem Unternehmen gearbeitet hat.",
            en="The activity came from a country where hardly anybody of the organisation has worked before.",
        ),
    ),
    "anonymizedipaddress": RiskType(
        Text(de="Anonyme Anmeldung", en="Anonymous sign-in"),
        Text(
            de="Die Anmeldung kam über Tor oder ein anonymes VPN, das die Herkunft verbirgt.",
            en="The sign-in came through Tor or an anonymous VPN that hides its origin.",
        ),
    ),
    "riskyipaddress": RiskType(
        Text(de="Anonyme Aktivität", en="Anonymous activity"),
        Text(
            de="In einer Cloudanwendung wurde von einer Adresse gearbeitet, die zu einem Anonymisierungsdienst gehört.",
            en="Somebody worked in a cloud application from an address that belongs to an anonymiser.",
        ),
    ),
    "maliciousipaddress": RiskType(
        Text(de="Schädliche IP-Adresse", en="Malicious IP address"),
        Text(
            de="Von dieser Adresse gehen so viele fehlgeschlagene Anmeldungen aus, dass Microsoft sie als schädlich führt.",
            en="So many failed sign-ins come from this address that Microsoft lists it as malicious.",
        ),
    ),
    "maliciousipaddressvalidcredentialsblockedip": RiskType(
        Text(
            de="Gültiges Kennwort von gesperrter Adresse",
            en="Valid password from a blocked address",
        ),
        Text(
            de="Von einer gesperrten, schädlichen Adresse wurde das richtige Kennwort eingegeben.",
            en="The right password was entered from a malicious address that is blocked.",
        ),
    ),
    "malwareinfectedipaddress": RiskType(
        Text(de="Adresse mit Schadsoftware", en="Address linked to malware"),
        Text(
            de="Die Adresse stand zuletzt mit Servern in Verbindung, die Schadsoftware steuern.",
            en="The address was recently in touch with servers that control malware.",
        ),
    ),
    "suspiciousipaddress": RiskType(
        Text(de="Verdächtige IP-Adresse", en="Suspicious IP address"),
        Text(
            de="Von dieser Adresse wurde in kurzer Zeit bei mehreren Konten auffällig oft die Anmeldung versucht.",
            en="Within a short time this address tried to sign in to several accounts unusually often.",
        ),
    ),
    "nationstateip": _HOSTILE_STATE,
    "verifiedthreatactorip": _HOSTILE_STATE,
    "unfamiliarfeatures": RiskType(
        Text(de="Ungewohnte Anmeldung", en="Unfamiliar sign-in"),
        Text(
            de="Ort, Gerät, Netz oder Browser passen nicht zu den bisherigen Anmeldungen der Person.",
            en="Place, device, network or browser do not fit the person's earlier sign-ins.",
        ),
    ),
    "suspiciousbrowser": RiskType(
        Text(de="Verdächtiger Browser", en="Suspicious browser"),
        Text(
            de="Mit demselben Browser gab es auffällige Anmeldungen bei Mandanten in mehreren Ländern.",
            en="The same browser was used for suspicious sign-ins to tenants in several countries.",
        ),
    ),
    "passwordspray": RiskType(
        Text(de="Kennwortangriff", en="Password spray"),
        Text(
            de="Jemand probiert wenige gängige Kennwörter bei vielen Konten durch; hier war eines davon richtig.",
            en="Somebody tries a few common passwords on many accounts; here one of them was right.",
        ),
    ),
    "leakedcredentials": RiskType(
        Text(de="Kennwort gestohlen", en="Leaked credentials"),
        Text(
            de="Gültige Zugangsdaten dieses Kontos wurden in einer Sammlung gestohlener Kennwörter oder öffentlich gefunden.",
            en="Valid credentials of this account were found in a collection of stolen passwords or in public.",
        ),
    ),
    "anomaloustoken": RiskType(
        Text(de="Auffälliges Token", en="Anomalous token"),
        Text(
            de="Ein Anmeldetoken hat ungewöhnliche Merkmale und kann gestohlen und an anderer Stelle verwendet worden sein.",
            en="A sign-in token has unusual features and may have been stolen and used elsewhere.",
        ),
    ),
    "tokenissueranomaly": RiskType(
        Text(de="Auffälliger Tokenaussteller", en="Token issuer anomaly"),
        Text(
            de="Der Dienst, der das SAML-Token ausgestellt hat, kann kompromittiert sein: die Angaben passen zu bekannten Angriffen.",
            en="The service that issued the SAML token may be compromised: its claims match known attacks.",
        ),
    ),
    "attemptedprtaccess": RiskType(
        Text(de="Zugriff auf das Hauptanmeldetoken", en="Attempt to reach the primary token"),
        Text(
            de="Auf einem Gerät wurde versucht, das Token auszulesen, mit dem sich Windows bei allen Diensten anmeldet.",
            en="On a device somebody tried to read the token with which Windows signs in to all services.",
        ),
    ),
    "attackerinthemiddle": RiskType(
        Text(de="Abgefangene Anmeldung", en="Attacker in the middle"),
        Text(
            de="Die Anmeldung lief über eine nachgeahmte Anmeldeseite, die Kennwort und Sitzung abgreift.",
            en="The sign-in went through an imitated sign-in page that captures password and session.",
        ),
    ),
    "suspiciousauthappapproval": RiskType(
        Text(de="Verdächtige Bestätigung in der App", en="Suspicious approval in the app"),
        Text(
            de="Eine MFA-Anfrage wurde unter Umständen bestätigt, die darauf hindeuten, dass die Person sie nicht selbst ausgelöst hat.",
            en="An MFA request was approved in circumstances that suggest the person did not cause it.",
        ),
    ),
    "userreportedsuspiciousactivity": RiskType(
        Text(de="Von der Person gemeldet", en="Reported by the person"),
        Text(
            de="Die Person hat eine MFA-Anfrage abgelehnt und gemeldet, dass sie nicht von ihr stammt.",
            en="The person refused an MFA request and reported that it was not theirs.",
        ),
    ),
    "anomaloususeractivity": RiskType(
        Text(de="Ungewöhnliche Verwaltungsaktivität", en="Unusual directory activity"),
        Text(
            de="Das Konto hat im Verzeichnis Änderungen vorgenommen, die nicht zu seinem bisherigen Verhalten passen.",
            en="The account made changes in the directory that do not fit its earlier behaviour.",
        ),
    ),
    "suspiciousapitraffic": RiskType(
        Text(de="Auffällige Abfragen", en="Suspicious API traffic"),
        Text(
            de="Über Microsoft Graph wurde ungewöhnlich viel oder auffällig im Verzeichnis gelesen, wie beim Auskundschaften.",
            en="The directory was read through Microsoft Graph unusually often or oddly, as when somebody scouts it.",
        ),
    ),
    "suspiciousinboxforwarding": RiskType(
        Text(de="Weiterleitungsregel", en="Forwarding rule"),
        Text(
            de="Eine Regel leitet Kopien aller E-Mails an eine fremde Adresse weiter.",
            en="A rule forwards copies of all email to an outside address.",
        ),
    ),
    "mcassuspiciousinboxmanipulationrules": RiskType(
        Text(de="Postfachregel", en="Inbox rule"),
        Text(
            de="Eine neue Regel löscht oder verschiebt E-Mails, vermutlich damit ein Angriff unbemerkt bleibt.",
            en="A new rule deletes or moves email, probably so that an attack goes unnoticed.",
        ),
    ),
    "suspicioussendingpatterns": RiskType(
        Text(de="Auffälliger E-Mail-Versand", en="Suspicious sending pattern"),
        Text(
            de="Das Konto verschickt E-Mails in einer Weise, die zu Spam oder Phishing passt; der Versand kann gesperrt sein.",
            en="The account sends email in a way that fits spam or phishing; sending may be blocked.",
        ),
    ),
    "mcasfinsuspiciousfileaccess": RiskType(
        Text(de="Massenzugriff auf sensible Dateien", en="Mass access to sensitive files"),
        Text(
            de="Das Konto hat ungewöhnlich viele Dateien mit sensiblem Inhalt geöffnet.",
            en="The account opened an unusual number of files with sensitive content.",
        ),
    ),
    "investigationsthreatintelligence": _THREAT_INTELLIGENCE,
    "investigationsthreatintelligencesigninlinked": _THREAT_INTELLIGENCE,
    "adminconfirmedusercompromised": RiskType(
        Text(de="Als kompromittiert gemeldet", en="Confirmed compromised"),
        Text(
            de="Ein Administrator hat bestätigt, dass das Konto kompromittiert ist.",
            en="An administrator confirmed that the account is compromised.",
        ),
    ),
    "adminconfirmedsignincompromised": RiskType(
        Text(de="Anmeldung als kompromittiert gemeldet", en="Sign-in confirmed compromised"),
        Text(
            de="Ein Administrator hat bestätigt, dass diese Anmeldung nicht von der Person stammt.",
            en="An administrator confirmed that this sign-in was not the person's.",
        ),
    ),
    "generic": RiskType(
        Text(de="Zusätzliches Risiko", en="Additional risk"),
        Text(
            de="Microsoft hat ein Risiko erkannt, nennt die Art aber nur mit Microsoft Entra ID P2.",
            en="Microsoft detected a risk, but names its kind only with Microsoft Entra ID P2.",
        ),
    ),
    "suspicioussignins": RiskType(
        Text(de="Auffällige Anmeldung der Anwendung", en="Suspicious application sign-in"),
        Text(
            de="Die Anwendung hat sich mit Merkmalen angemeldet, die für sie neu sind, etwa Adresse oder Anmeldeart.",
            en="The application signed in with features that are new to it, such as address or kind of credential.",
        ),
    ),
    "maliciousapplication": RiskType(
        Text(de="Schädliche Anwendung", en="Malicious application"),
        Text(
            de="Microsoft hat die Anwendung wegen Verstoßes gegen die Nutzungsbedingungen gesperrt.",
            en="Microsoft disabled the application for violating its terms of service.",
        ),
    ),
    "suspiciousapplication": RiskType(
        Text(de="Verdächtige Anwendung", en="Suspicious application"),
        Text(
            de="Die Anwendung verstößt vermutlich gegen die Nutzungsbedingungen, ist aber noch nicht gesperrt.",
            en="The application probably violates the terms of service but is not disabled yet.",
        ),
    ),
    "anomalousserviceprincipalactivity": RiskType(
        Text(de="Ungewöhnliche Aktivität der Anwendung", en="Unusual application activity"),
        Text(
            de="Die Anwendung hat im Verzeichnis Änderungen vorgenommen, die für sie untypisch sind.",
            en="The application made changes in the directory that are unusual for it.",
        ),
    ),
    "adminconfirmedserviceprincipalcompromised": RiskType(
        Text(de="Anwendung als kompromittiert gemeldet", en="Application confirmed compromised"),
        Text(
            de="Ein Administrator hat bestätigt, dass die Anwendung kompromittiert ist.",
            en="An administrator confirmed that the application is compromised.",
        ),
    ),
}

RISK_DETAILS = {
    "none": Text(de="Noch keine Maßnahme", en="No measure taken yet"),
    "hidden": Text(de="Nur mit Microsoft Entra ID P2", en="Only with Microsoft Entra ID P2"),
    "admingeneratedtemporarypassword": Text(
        de="Administrator hat ein vorläufiges Kennwort vergeben",
        en="Administrator issued a temporary password",
    ),
    "userperformedsecuredpasswordchange": Text(
        de="Person hat das Kennwort nach MFA geändert", en="Person changed the password after MFA"
    ),
    "userperformedsecuredpasswordreset": Text(
        de="Person hat das Kennwort nach MFA zurückgesetzt",
        en="Person reset the password after MFA",
    ),
    "userchangedpasswordonpremises": Text(
        de="Person hat das Kennwort im lokalen Verzeichnis geändert",
        en="Person changed the password on premises",
    ),
    "userpassedmfadrivenbyriskbasedpolicy": Text(
        de="Person hat die von einer Risikorichtlinie verlangte MFA bestanden",
        en="Person passed the MFA that a risk policy demanded",
    ),
    "adminconfirmedsigninsafe": Text(
        de="Administrator hält die Anmeldung für sicher",
        en="Administrator considers the sign-in safe",
    ),
    "adminconfirmedaccountsafe": Text(
        de="Administrator hält das Konto für sicher", en="Administrator considers the account safe"
    ),
    "aiconfirmedsigninsafe": Text(
        de="Microsoft hält die Anmeldung im Nachhinein für sicher",
        en="Microsoft considers the sign-in safe in hindsight",
    ),
    "admindismissedallriskforuser": Text(
        de="Administrator hat alle Risiken der Person verworfen",
        en="Administrator dismissed all risk of the person",
    ),
    "admindismissedriskforsignin": Text(
        de="Administrator hat das Risiko der Anmeldung verworfen",
        en="Administrator dismissed the risk of the sign-in",
    ),
    "admindismissedallriskforserviceprincipal": Text(
        de="Administrator hat alle Risiken der Anwendung verworfen",
        en="Administrator dismissed all risk of the application",
    ),
    "m365dadmindismisseddetection": Text(
        de="Administrator hat die Erkennung in Microsoft Defender verworfen",
        en="Administrator dismissed the detection in Microsoft Defender",
    ),
    "adminconfirmedsignincompromised": Text(
        de="Administrator hat die Anmeldung als kompromittiert bestätigt",
        en="Administrator confirmed the sign-in compromised",
    ),
    "adminconfirmedusercompromised": Text(
        de="Administrator hat das Konto als kompromittiert bestätigt",
        en="Administrator confirmed the account compromised",
    ),
    "adminconfirmedserviceprincipalcompromised": Text(
        de="Administrator hat die Anwendung als kompromittiert bestätigt",
        en="Administrator confirmed the application compromised",
    ),
    "microsoftrevokedsessions": Text(
        de="Microsoft hat alle Sitzungen beendet", en="Microsoft revoked all sessions"
    ),
}

# Names of products, the same in every language.
SOURCES = {
    "identityprotection": "Entra ID Protection",
    "activedirectory": "Entra ID",
    "microsoftcloudappsecurity": "Defender for Cloud Apps",
    "mcas": "Defender for Cloud Apps",
    "microsoft365defender": "Defender XDR",
    "m365d": "Defender XDR",
    "azureadthreatintel": "Microsoft Threat Intelligence",
    "microsoftdefenderforoffice365": "Defender for Office 365",
    "microsoftdefenderforendpoint": "Defender for Endpoint",
}
ISSUERS = {
    "azuread": "Microsoft Entra ID",
    "azureadbackupauth": "Microsoft Entra ID (Backup)",
    "adfederationservices": "AD FS",
    "adfederationservicesmfaadapter": "AD FS (MFA)",
    "npsextension": "NPS",
}
