select plan_id, nvl(name, '?') as name, (select max(value) from reading) best, count(*) over () from plan
