/** Imported before the functions: a timer is registered while they load, and only when its schedule is set. */
process.env['LABWARE_SCHEDULE'] = '0 0 5 1 1 *';
