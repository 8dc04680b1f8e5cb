"""What runs on each machine of a fleet: it brings the machine to the release that stands in Parameter Store.

Standard library only, small on the wire: what of it can be reached is packed into the machines' user data.
"""
