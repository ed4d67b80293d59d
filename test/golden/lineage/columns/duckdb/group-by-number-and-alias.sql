select upper(plan_name) as plan, plan_version, count(*) as n from sample group by plan, 2
