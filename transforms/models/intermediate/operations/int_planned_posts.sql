with placed as (
    select
        planned.workspace_id,
        planned.entry_id,
        planned.platform,
        planned.strategy_id,
        planned.pillar,
        planned.slot_at,
        {{ local_time('planned.slot_at', "coalesce(workspaces.zone, 'UTC')") }} as slot_local
    from {{ ref('stg_planned_post') }} as planned
    left join {{ ref('stg_workspace') }} as workspaces
        on planned.workspace_id = workspaces.workspace_id
)

select
    placed.workspace_id,
    placed.entry_id,
    placed.platform,
    placed.strategy_id,
    strategies.version as strategy_version,
    placed.pillar,
    placed.slot_at,
    placed.slot_local,
    cast(placed.slot_local as date) as slot_date,
    cast(date_trunc('week', placed.slot_local) as date) as slot_week
from placed
left join {{ ref('stg_strategy') }} as strategies
    on placed.workspace_id = strategies.workspace_id and placed.strategy_id = strategies.strategy_id
