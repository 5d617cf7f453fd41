from django.db import migrations

# Two open transactions do not see each other's changes, so that each could tie half of a knot: whoever ties holds the
# network's row until the end. UNION ends on a knot that is there already.
FORBID = """
CREATE FUNCTION referrals_refuse_category_knot() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.parent_id, NEW.network_id) IS NOT DISTINCT FROM (OLD.parent_id, OLD.network_id) THEN
            RETURN NULL;
        END IF;
        PERFORM FROM referrals_network WHERE id IN (NEW.network_id, OLD.network_id) ORDER BY id FOR NO KEY UPDATE;
    ELSIF NEW.parent_id IS NULL THEN
        RETURN NULL;
    ELSE
        PERFORM FROM referrals_network WHERE id = NEW.network_id FOR NO KEY UPDATE;
    END IF;
    IF EXISTS (
        SELECT FROM referrals_category child JOIN referrals_category parent ON parent.id = child.parent_id
        WHERE NEW.id IN (child.id, parent.id) AND child.network_id <> parent.network_id
    ) THEN
        RAISE EXCEPTION 'The category above belongs to another network.'
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'category_parent_in_network';
    END IF;
    IF EXISTS (
        WITH RECURSIVE above (id) AS (
            SELECT parent_id FROM referrals_category WHERE id = NEW.id
            UNION SELECT parent_id FROM referrals_category JOIN above USING (id)
        ) SELECT FROM above WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'A category cannot be below itself.'
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'category_not_below_itself';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER category_not_below_itself
    AFTER INSERT OR UPDATE OF parent_id, network_id ON referrals_category DEFERRABLE INITIALLY IMMEDIATE
    FOR EACH ROW EXECUTE FUNCTION referrals_refuse_category_knot();

CREATE FUNCTION referrals_refuse_question_knot(asking bigint) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM FROM referrals_network WHERE id = (SELECT network_id FROM referrals_question WHERE id = asking)
        FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM referrals_question question
        JOIN referrals_questionoption option ON option.question_id = question.id
        JOIN referrals_questionoption_reveals reveals ON reveals.questionoption_id = option.id
        JOIN referrals_question revealed ON revealed.id = reveals.question_id
        WHERE question.id = asking AND revealed.network_id <> question.network_id
    ) THEN
        RAISE EXCEPTION 'An answer can only reveal questions of its own network.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'question_revealed_in_network';
    END IF;
    IF EXISTS (
        WITH RECURSIVE below (id) AS (
            SELECT reveals.question_id FROM referrals_questionoption option
            JOIN referrals_questionoption_reveals reveals ON reveals.questionoption_id = option.id
            WHERE option.question_id = asking
            UNION SELECT reveals.question_id FROM below
            JOIN referrals_questionoption option ON option.question_id = below.id
            JOIN referrals_questionoption_reveals reveals ON reveals.questionoption_id = option.id
        ) SELECT FROM below WHERE id = asking
    ) THEN
        RAISE EXCEPTION 'A question cannot lead back to itself.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'question_not_below_itself';
    END IF;
END
$$;
CREATE FUNCTION referrals_refuse_revealed_knot() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM referrals_refuse_question_knot(question_id) FROM referrals_questionoption WHERE id = NEW.questionoption_id;
    RETURN NULL;
END
$$;
CREATE FUNCTION referrals_refuse_moved_knot() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM referrals_refuse_question_knot(NEW.question_id);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER question_not_below_itself
    AFTER INSERT OR UPDATE ON referrals_questionoption_reveals DEFERRABLE INITIALLY IMMEDIATE
    FOR EACH ROW EXECUTE FUNCTION referrals_refuse_revealed_knot();
CREATE CONSTRAINT TRIGGER question_option_not_below_itself
    AFTER UPDATE OF question_id ON referrals_questionoption DEFERRABLE INITIALLY IMMEDIATE
    FOR EACH ROW WHEN (OLD.question_id <> NEW.question_id) EXECUTE FUNCTION referrals_refuse_moved_knot();

ALTER TABLE referrals_network_linked_networks
    ADD CONSTRAINT network_not_linked_to_itself CHECK (from_network_id <> to_network_id);
"""
ALLOW = """
ALTER TABLE referrals_network_linked_networks DROP CONSTRAINT network_not_linked_to_itself;
DROP TRIGGER question_option_not_below_itself ON referrals_questionoption;
DROP TRIGGER question_not_below_itself ON referrals_questionoption_reveals;
DROP TRIGGER category_not_below_itself ON referrals_category;
DROP FUNCTION referrals_refuse_moved_knot();
DROP FUNCTION referrals_refuse_revealed_knot();
DROP FUNCTION referrals_refuse_question_knot(bigint);
DROP FUNCTION referrals_refuse_category_knot();
"""
# Knots tied before: whoever has one would otherwise meet it at the next change. Cut where they are, not refused, since
# an installation that cannot migrate is worse off than a category that has moved to the top.
CUT = """
UPDATE referrals_category SET parent_id = NULL WHERE id IN (
    WITH RECURSIVE above (start, id) AS (
        SELECT id, parent_id FROM referrals_category WHERE parent_id IS NOT NULL
        UNION SELECT start, category.parent_id FROM above JOIN referrals_category category USING (id)
        WHERE category.parent_id IS NOT NULL
    ) SELECT start FROM above WHERE id = start);
UPDATE referrals_category SET parent_id = NULL FROM referrals_category parent
    WHERE parent.id = referrals_category.parent_id AND parent.network_id <> referrals_category.network_id;
DELETE FROM referrals_questionoption_reveals WHERE id IN (
    WITH RECURSIVE edge (key, asking, revealed) AS (
        SELECT reveals.id, option.question_id, reveals.question_id FROM referrals_questionoption_reveals reveals
        JOIN referrals_questionoption option ON option.id = reveals.questionoption_id
    ), below (key, asking, id) AS (
        SELECT key, asking, revealed FROM edge
        UNION SELECT below.key, below.asking, edge.revealed FROM below JOIN edge ON edge.asking = below.id
    ) SELECT key FROM below WHERE id = asking);
DELETE FROM referrals_questionoption_reveals reveals
    USING referrals_questionoption option, referrals_question asking, referrals_question revealed
    WHERE option.id = reveals.questionoption_id AND asking.id = option.question_id
    AND revealed.id = reveals.question_id AND revealed.network_id <> asking.network_id;
DELETE FROM referrals_network_linked_networks WHERE from_network_id = to_network_id;
"""


class Migration(migrations.Migration):
    """No category stands below itself, and no question leads back to itself: such a question would never be asked."""

    dependencies = [("referrals", "0017_heartbeats_and_kept_messages")]
    operations = [migrations.RunSQL(CUT, migrations.RunSQL.noop), migrations.RunSQL(FORBID, ALLOW)]
