select site_id, name, sum(plan_id) as total, (select max(value) from reading) as top from plan group by all
