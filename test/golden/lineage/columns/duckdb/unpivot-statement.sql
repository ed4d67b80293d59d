unpivot (select name, limit_low, limit_high from sample_plan) on limit_low, limit_high into name bound value amount
