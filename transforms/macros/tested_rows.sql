{#-
    Which rows a data test looks at: `where: touched` in its config means the posts that this build recomputed, and
    `where: pending` the batches it took in. After a first build or a full refresh that is everything.
-#}

{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where') -%}
    {%- if where in ['touched', 'pending'] -%}
        {%- set columns = post_key() if where == 'touched' else ['workspace_id', 'batch_id'] -%}
        {%- set chosen = 'int_posts_touched' if where == 'touched' else 'int_batches_pending' -%}
        {%- set listed = adapter.get_relation(
            database=relation.database, schema='intermediate', identifier=chosen
        ) if execute -%}
        (
            select held.*
            from {{ relation }} as held
            {%- if listed %}
            semi join {{ listed }} as chosen
                on
                    {%- for column in columns %}
                    held.{{ column }} = chosen.{{ column }}{{ ' and' if not loop.last }}
                    {%- endfor %}
            {%- endif %}
        ) as tested_rows
    {%- else -%}
        {{ return(default__get_where_subquery(relation)) }}
    {%- endif -%}
{%- endmacro %}
