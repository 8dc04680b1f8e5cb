"""Certificates from an ACME authority through certbot. Standard library only: this runs on hosts."""
