select
    workspaces.workspace_id,
    registry.metric,
    registry.name,
    registry.unit,
    registry.kind,
    registry.time_basis,
    registry.additive_posts,
    registry.additive_days,
    registry.additive_accounts,
    registry.documentation
from {{ ref('int_metric_registry') }} as registry
cross join {{ ref('stg_workspace') }} as workspaces
