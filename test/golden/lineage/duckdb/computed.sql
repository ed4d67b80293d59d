select plan_id + 0 as a, plan_id::varchar as b, coalesce(name, '-') as c, case when site_id = 1 then name end as d, 'x' as e from plan
