select a.plan_id, b.plan_id other, b.name from plan a join plan b on b.plan_id = a.owner_id
