"""An AWS account with bodies: moto answers the API, and what it answers about really runs.

Runs in the virtualenv (moto, boto3); ``cli.py`` and what it imports keep to the standard library.
"""
