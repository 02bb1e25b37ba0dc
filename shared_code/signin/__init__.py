"""Sign-in to the portal: verifying the access tokens of Entra."""
