select name, kind, amount from (select name, limit_low, limit_high from sample_plan) unpivot include nulls (amount for kind in (limit_low, limit_high))
