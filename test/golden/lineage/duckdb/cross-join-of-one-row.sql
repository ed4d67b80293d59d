select p.plan_id, p.name, t.steps from plan p cross join (select count(*) as steps from plan_step) t
