with recent as (select * from plan where created > sysdate - 1), named (pid, label) as (select plan_id, name from recent)
select n.pid, n.label, r.created from named n join recent r on r.plan_id = n.pid
