select plan_name, status, count(*) as n from sample group by grouping sets ((plan_name), (status), ())
