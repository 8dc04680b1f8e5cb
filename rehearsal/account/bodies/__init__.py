"""One file for each kind of body; ``KINDS`` are made in this order when several have to be."""
