"""Registered sign-in methods: who can pass MFA and reset a password, as Microsoft's report has it."""

from shared_code.core.dataset import Dataset, Row
from shared_code.core.privacy import Address, Name
from shared_code.core.text import Text
from shared_code.datasets.workloads import AUDIT_REPORTS


class Registration(Row, frozen=True, kw_only=True):
    """One user. Capable means registered and allowed by the tenant's policy."""

    user_display_name: Name | None = None
    user_principal_name: Address | None = None
    user_type: str | None = None
    is_admin: bool | None = None
    is_mfa_registered: bool | None = None
    is_mfa_capable: bool | None = None
    is_sspr_enabled: bool | None = None
    is_sspr_registered: bool | None = None
    methods_registered: tuple[str | None, ...] | None = None


# Only $filter and $orderby are documented. Directory.Read.All: without it Graph denies the
# licence now and then (microsoft-graph-docs-contrib #8777).
REGISTRATIONS = Dataset(
    name="registrations",
    title=Text(de="Registrierte Anmeldemethoden", en="Registered sign-in methods"),
    path="/reports/authenticationMethods/userRegistrationDetails",
    row=Registration,
    permissions=("AuditLog.Read.All", "Directory.Read.All"),
    workload=AUDIT_REPORTS,
    licence="Microsoft Entra ID P1",
    selects=False,
)

# Words of `methods_registered` in small letters, the strongest first, with a name that readers of
# both languages know. These cannot be given away on a false page.
PHISHING_RESISTANT = {
    "fido2securitykey": "FIDO2",
    "fido2": "FIDO2",
    "passkeydevicebound": "Passkey",
    "passkeydeviceboundauthenticator": "Passkey (Authenticator)",
    "passkeydeviceboundwindowshello": "Passkey (Windows Hello)",
    "passkeysynced": "Passkey (Cloud)",
    "windowshelloforbusiness": "Windows Hello",
    "macossecureenclavekey": "Platform SSO (macOS)",
    "x509certificate": "X.509",
    "x509certificatemultifactor": "X.509",
}
APPS_AND_TOKENS = {
    "microsoftauthenticatorpasswordless": "Authenticator (Passwordless)",
    "microsoftauthenticatorpush": "Authenticator (Push)",
    "softwareonetimepasscode": "TOTP",
    "hardwareonetimepasscode": "OATH (Hardware)",
    "onetimepasscode": "OATH",
    "externalauthmethod": "External MFA",
}
PHONES = {
    "mobilephone": "SMS/Mobile",
    "alternatemobilephone": "Mobile 2",
    "officephone": "Office phone",
    "sms": "SMS",
}
# They reset passwords or let somebody in for a day, but are no lasting second factor.
NO_FACTORS = {
    "temporaryaccesspass": "Temporary Access Pass",
    "x509certificatesinglefactor": "X.509 (single factor)",
    "email": "E-Mail",
    "securityquestion": "Security questions",
    "qrcode": "QR",
    "qrcodepin": "QR",
    "apppassword": "App password",
}
