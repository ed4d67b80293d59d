select p.plan_id, c.n from plan p left join (select plan_id, count(*) n from plan_step group by plan_id) c on c.plan_id = p.plan_id
