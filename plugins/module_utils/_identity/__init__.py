"""Who a machine is to AWS: its role's keys, and what is signed with them. Standard library only."""
