select plan_id, method_id, count(*) as n from plan_step group by rollup (plan_id, method_id)
