select "PLAN_ID", Name as "Plan Name" from PLAN
