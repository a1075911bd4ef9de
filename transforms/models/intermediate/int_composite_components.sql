with on_platforms as (
    -- a renamed field is a second row of the same metric
    select platform, metric, bool_or(engagement_part) as engagement_part
    from {{ ref('platform_fields') }}
    group by platform, metric
),

found as (
    select
        composites.composite,
        on_platforms.platform,
        composites.component,
        composites.sign,
        composites.parts,
        count(*) over (partition by composites.composite, on_platforms.platform) as components
    from {{ ref('composites') }} as composites
    inner join on_platforms on composites.component = on_platforms.metric
    where composites.parts = 'all' or on_platforms.engagement_part
),

sizes as (
    select composite, count(*) as listed
    from {{ ref('composites') }}
    group by composite
)

select
    found.composite,
    found.platform,
    found.component,
    found.sign,
    found.components
from found
inner join sizes on found.composite = sizes.composite
where found.parts = 'platform' or found.components = sizes.listed
