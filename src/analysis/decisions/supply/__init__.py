"""More than one supplier: concentration, standby and outages, beside `backup`."""
