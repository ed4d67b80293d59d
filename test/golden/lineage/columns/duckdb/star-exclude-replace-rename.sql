select * exclude (changed_on) replace (upper(unit_price::varchar) as unit_price) rename (name as product_name) from product
