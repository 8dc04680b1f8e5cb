"""Who a machine is to AWS: its role's keys, and signatures made with them. Standard library only: this runs on hosts."""
