with engagement_parts as (
    -- a renamed field is a second row of the same metric
    select distinct platform, metric
    from {{ ref('platform_fields') }}
    where engagement_part
)

select
    composites.composite,
    engagement_parts.platform,
    composites.component,
    count(*) over (partition by composites.composite, engagement_parts.platform) as components
from {{ ref('composites') }} as composites
inner join engagement_parts on composites.component = engagement_parts.metric
