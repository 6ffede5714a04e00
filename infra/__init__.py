"""Deploy time: the CDK app and what it packages. Its subpackage `local` runs the same system on this machine."""
