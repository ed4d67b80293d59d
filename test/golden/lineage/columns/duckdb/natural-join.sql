select product_id, grade, version from product natural join (select product_id, version from sample_plan)
