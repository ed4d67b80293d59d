select {'id': product_id, 'label': name} as item, [unit_price, density] as numbers, item.label as label, numbers[1] as first_number from product
