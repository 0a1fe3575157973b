"""What a trial may show and what that is worth, beside `trial_plan`."""
