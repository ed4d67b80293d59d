select plan_name, date_trunc('day', login_date) as day, count(*) as n, max(changed_on) as latest from sample group by all having count(*) > 1
