select
    readings.workspace_id,
    readings.platform,
    readings.account_id,
    readings.metric,
    readings.value,
    readings.period_end as reading_at,
    cast({{ local_time('readings.period_end', 'workspaces.zone') }} as date) as reading_date,
    readings.observed_at,
    readings.batch_id,
    readings.source_line
from {{ ref('int_account_observations') }} as readings
inner join {{ ref('metrics') }} as metrics
    on readings.metric = metrics.metric and metrics.entity = 'account' and metrics.time_basis = 'point'
left join {{ ref('stg_workspace') }} as workspaces
    on readings.workspace_id = workspaces.workspace_id
where readings.entity_type = 'account' and readings.state = 'observed'
